import { Controller, Headers, HttpCode, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Public } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { Unlimited } from '../../../platform/http/unlimited.decorator.js';
import { ServiceUnavailable } from '../../../shared/errors.js';
import { InvalidSignature, WrongLivemode } from '../payment.errors.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('webhooks')
@Public()
@Unlimited()
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly service: WebhooksService) {}

  @Post('stripe')
  @HttpCode(200)
  @ApiOperation({ summary: "Hear Stripe's events", description: '200 means that the event is stored.' })
  @ApiHeader({ name: 'Stripe-Signature', required: true, description: 't=…,v1=… over the raw body.' })
  @ApiOkResponse({ description: 'Stored; repeated deliveries change nothing.' })
  @ApiProblems(InvalidSignature, WrongLivemode, ServiceUnavailable)
  async stripe(@Req() request: RawBodyRequest<Request>, @Headers('stripe-signature') signature = ''): Promise<object> {
    if (!request.rawBody) throw new InvalidSignature();
    await this.service.receive(request.rawBody, signature);
    return { received: true };
  }
}
