import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { User } from '../user.entity.js';

/** The second factor of one account: an authenticator app, and codes for when it is lost. */
@Entity('mfa_factors')
export class MfaFactor {
  @PrimaryColumn('uuid') @ForeignKey(() => User) userId!: string;
  /** What the app was given, encrypted: whoever reads the database cannot make codes. */
  @Column('text') secret!: string;
  /** SHA-256 of the recovery codes that are left. They are random, so nothing slower is needed. */
  @Column('text', { array: true }) recoveryHashes!: string[];
  /** Null until a first code has shown that the app has the secret: no login asks for it before. */
  @Column('timestamptz', { nullable: true }) confirmedAt!: Date | null;
  /** Of the newest code that was used; that one and older ones are good for nothing any more. */
  @Column('integer', { nullable: true }) lastCounter!: number | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}
