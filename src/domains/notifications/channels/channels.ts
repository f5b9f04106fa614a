import { Injectable } from '@nestjs/common';
import type { ChannelName } from '../notification.entity.js';
import type { Channel } from './channel.js';
import { EmailChannel } from './email.channel.js';

/** A channel name without a channel is a compile error. */
@Injectable()
export class Channels {
  private readonly byName: Readonly<Record<ChannelName, Channel>>;

  constructor(email: EmailChannel) {
    this.byName = { email };
  }

  for(name: ChannelName): Channel {
    return this.byName[name];
  }
}
