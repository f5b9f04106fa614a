/** Whom we call over the internet and do not run ourselves. */
export const PROVIDERS = ['stripe', 'sendgrid'] as const;

export type Provider = (typeof PROVIDERS)[number];
