import { SkipThrottle } from '@nestjs/throttler';

/** Exempt from the limit per client address: probes, and providers that deliver from few addresses. */
export const Unlimited = (): ClassDecorator & MethodDecorator => SkipThrottle();
