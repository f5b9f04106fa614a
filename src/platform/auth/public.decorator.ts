import { SetMetadata } from '@nestjs/common';

export const PUBLIC = 'purser:public';

/** Anybody may call this route: no token is asked for, and none is looked at. */
export const Public = () => SetMetadata(PUBLIC, true);
