import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountRecordsRepository } from './export/account-records.repository.js';
import { MailTokens } from './registration/mail-tokens.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { Session } from './sessions/session.entity.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { UserContactsRepository } from './user-contacts.repository.js';
import { User } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** What every composition needs of the accounts: their rows, and the answers to other domains' questions. */
@Module({
  imports: [TypeOrmModule.forFeature([User, Session])],
  providers: [
    UsersRepository,
    SessionsRepository,
    UserContactsRepository,
    AccountRecordsRepository,
    MailTokens,
    ApiKeysRepository,
  ],
  exports: [
    UsersRepository,
    SessionsRepository,
    UserContactsRepository,
    AccountRecordsRepository,
    MailTokens,
    ApiKeysRepository,
  ],
})
export class UsersModule {}
