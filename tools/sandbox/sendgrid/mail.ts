import type { Json, JsonObject } from '../core/json.js';

/** SendGrid's own refusals: one object for each thing wrong. */
export interface MailError {
  message: string;
  field: string | null;
  help: string | null;
}

export interface Address {
  email: string;
  name: string | null;
}

export interface Personalization {
  /** To, cc and bcc together: whoever receives it. */
  recipients: Address[];
  subject: string;
  headers: Record<string, string>;
  customArgs: Record<string, string>;
}

export interface Mail {
  from: Address;
  personalizations: Personalization[];
  html: string;
  text: string;
  /** SendGrid's own sandbox mode: checked and thrown away. */
  isDryRun: boolean;
}

const HELP = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.';
const ADDRESS = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;
const RECIPIENTS = 1_000;
const CUSTOM_ARGS_BYTES = 10_000;
const RESERVED_HEADERS = new Set(
  ['x-sg-id', 'x-sg-eid', 'received', 'dkim-signature', 'content-type', 'content-transfer-encoding'].concat([
    ...['to', 'from', 'subject', 'reply-to', 'cc', 'bcc'],
  ]),
);

class Refusals {
  readonly list: MailError[] = [];

  add(field: string, message: string): void {
    const topic = field.replace(/\.\d+/g, '');
    this.list.push({ message, field, help: `${HELP}${topic}` });
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a send request; everything wrong with it is told at once. */
export function readMail(body: Json): Mail | MailError[] {
  if (!isObject(body)) return [{ message: 'Bad Request', field: null, help: null }];
  const refusals = new Refusals();
  const from = readAddress(body['from'], 'from', refusals);
  if (body['from'] === undefined) {
    refusals.add(
      'from',
      'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.',
    );
  }
  const isTemplate = typeof body['template_id'] === 'string';
  const contents = isTemplate ? {} : readContents(body['content'], refusals);
  const personalizations = readPersonalizations(body, refusals, isTemplate);
  if (refusals.list.length > 0 || !from) return refusals.list;
  return {
    from,
    personalizations,
    html: contents['text/html'] ?? '',
    text: contents['text/plain'] ?? '',
    isDryRun: isDryRun(body),
  };
}

function isDryRun(body: JsonObject): boolean {
  const settings = body['mail_settings'];
  const mode = isObject(settings) ? settings['sandbox_mode'] : undefined;
  return isObject(mode) && mode['enable'] === true;
}

function readPersonalizations(body: JsonObject, refusals: Refusals, isTemplate: boolean): Personalization[] {
  const given = body['personalizations'];
  if (!Array.isArray(given) || given.length === 0) {
    refusals.add(
      'personalizations',
      'The personalizations field is required and must have at least one personalization.',
    );
    return [];
  }
  if (given.length > RECIPIENTS) {
    const message =
      `The personalization block is limited to ${RECIPIENTS} personalizations per API request. You have provided ` +
      `${given.length} personalizations. Please consider splitting this into multiple requests and resending your request.`;
    refusals.add('personalizations', message);
    return [];
  }
  return given.map((one, index) =>
    readPersonalization({ one, body, at: `personalizations.${index}`, isTemplate }, refusals),
  );
}

interface Part {
  one: Json;
  body: JsonObject;
  at: string;
  isTemplate: boolean;
}

function readPersonalization({ one, body, at, isTemplate }: Part, refusals: Refusals): Personalization {
  const own = isObject(one) ? one : {};
  const to = readAddresses(own['to'], `${at}.to`, refusals);
  if (!Array.isArray(own['to']) || own['to'].length === 0) {
    refusals.add(
      `${at}.to`,
      'The to array is required for all personalization objects, and must have at least one email object with a valid email address.',
    );
  }
  const others = ['cc', 'bcc'].flatMap((name) => readAddresses(own[name], `${at}.${name}`, refusals));
  const recipients = [...to, ...others];
  const seen = new Set<string>();
  for (const { email } of recipients) {
    if (seen.has(email.toLowerCase())) {
      const message = `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${email}] in the ${at} field.`;
      refusals.add(at, message);
    }
    seen.add(email.toLowerCase());
  }
  const subject = own['subject'] ?? body['subject'];
  if ((typeof subject !== 'string' || subject === '') && !isTemplate) {
    refusals.add(
      'subject',
      'The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.',
    );
  }
  return {
    recipients,
    subject: typeof subject === 'string' ? subject : '',
    headers: readHeaders({ ...record(body['headers']), ...record(own['headers']) }, refusals),
    customArgs: readCustomArgs({ ...record(body['custom_args']), ...record(own['custom_args']) }, refusals),
  };
}

function readHeaders(headers: Record<string, string>, refusals: Refusals): Record<string, string> {
  for (const name of Object.keys(headers)) {
    if (!RESERVED_HEADERS.has(name.toLowerCase())) continue;
    refusals.add('headers', `The headers parameter contains a reserved header: ${name}.`);
  }
  return headers;
}

function readCustomArgs(given: Record<string, string>, refusals: Refusals): Record<string, string> {
  if (Buffer.byteLength(JSON.stringify(given)) > CUSTOM_ARGS_BYTES) {
    refusals.add('custom_args', `Custom arguments may not exceed ${CUSTOM_ARGS_BYTES} bytes.`);
  }
  return given;
}

function record(value: Json | undefined): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, typeof item === 'string' ? item : JSON.stringify(item)]),
  );
}

function readAddresses(given: Json | undefined, at: string, refusals: Refusals): Address[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((one, index) => readAddress(one, `${at}.${index}`, refusals) ?? []);
}

function readAddress(given: Json | undefined, at: string, refusals: Refusals): Address | null {
  if (given === undefined) return null;
  const email = isObject(given) ? given['email'] : undefined;
  if (typeof email === 'string' && ADDRESS.test(email)) {
    const name = isObject(given) ? given['name'] : undefined;
    return { email, name: typeof name === 'string' ? name : null };
  }
  refusals.add(
    `${at}.email`,
    at === 'from' ? 'The from email does not contain a valid address.' : 'Does not contain a valid address.',
  );
  return null;
}

function readContents(given: Json | undefined, refusals: Refusals): Record<string, string> {
  if (!Array.isArray(given) || given.length === 0) {
    refusals.add(
      'content',
      'Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.',
    );
    return {};
  }
  const contents: Record<string, string> = {};
  given.forEach((block, index) => readContent(block, { at: `content.${index}`, contents }, refusals));
  const types = Object.keys(contents);
  if (types.indexOf('text/plain') > 0 || (types.includes('text/plain') && types.indexOf('text/html') === 0)) {
    refusals.add(
      'content',
      'If present, text/plain and text/html may only be provided once, and text/plain must be first, followed by text/html.',
    );
  }
  return contents;
}

function readContent(
  block: Json,
  { at, contents }: { at: string; contents: Record<string, string> },
  refusals: Refusals,
): void {
  const { type, value } = isObject(block) ? block : {};
  if (typeof type !== 'string' || type === '') {
    refusals.add(`${at}.type`, 'The content type must be a string at least one character in length.');
    return;
  }
  if (typeof value !== 'string' || value === '') {
    refusals.add(`${at}.value`, 'The content value must be a string at least one character in length.');
    return;
  }
  if (contents[type] !== undefined) refusals.add(`${at}.type`, `The content type ${type} may only be provided once.`);
  contents[type] = value;
}
