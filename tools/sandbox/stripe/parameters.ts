import { refusedParameter } from './failures.js';
import { type Form, type FormValue, isForm } from '../core/form.js';
import type { Metadata } from '../core/records.js';

/** What may be sent under a name. A list names the words allowed. `any` is taken and not looked into. */
export type Rule =
  'string' | 'integer' | 'boolean' | 'metadata' | 'list' | 'object' | 'range' | 'any' | readonly string[];
export type Rules = Readonly<Record<string, Rule>>;

const METADATA_KEYS = 50;
const METADATA_KEY_CHARACTERS = 40;
const METADATA_VALUE_CHARACTERS = 500;
const STRING_CHARACTERS = 5_000;
const WHOLE = /^-?\d{1,15}$/;

/** Refuses what Stripe refuses: names it does not know, values of another kind. */
export function check(form: Form, rules: Rules): void {
  for (const [name, value] of Object.entries(form)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      throw refusedParameter(name, 'parameter_unknown', `Received unknown parameter: ${name}`);
    }
    if (value === '' && rule !== 'metadata' && rule !== 'any') throw refusedEmpty(name);
    checkValue(name, value, rule);
  }
}

function checkValue(name: string, value: FormValue, rule: Rule): void {
  if (typeof rule !== 'string') return checkWord(name, value, rule);
  switch (rule) {
    case 'integer':
      wholeNumber(name, value);
      return;
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw refusedParameter(name, null, `Invalid boolean: ${shown(value)}`);
      return;
    case 'metadata':
      readMetadata(value);
      return;
    case 'list':
      if (!Array.isArray(value)) throw refusedParameter(name, null, 'Invalid array');
      return;
    case 'object':
      if (!isForm(value)) throw refusedParameter(name, null, 'Invalid object');
      return;
    case 'string':
      if (typeof value !== 'string' || value.length > STRING_CHARACTERS) {
        throw refusedParameter(name, null, `Invalid string: ${shown(value)}`);
      }
      return;
    case 'range':
    case 'any':
      return;
  }
}

function checkWord(name: string, value: FormValue, words: readonly string[]): void {
  if (typeof value === 'string' && words.includes(value)) return;
  const last = words.at(-1) ?? '';
  const choice = words.length > 1 ? `one of ${words.slice(0, -1).join(', ')}, or ${last}` : last;
  throw refusedParameter(name, null, `Invalid ${name}: must be ${choice}`);
}

function refusedEmpty(name: string): Error {
  return refusedParameter(
    name,
    'parameter_invalid_empty',
    `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however ` +
      `'${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
  );
}

export function required(form: Form, name: string): string {
  const value = form[name];
  if (typeof value === 'string') return value;
  throw refusedParameter(name, 'parameter_missing', `Missing required param: ${name}.`);
}

export function text(form: Form, name: string): string | null {
  const value = form[name];
  return typeof value === 'string' ? value : null;
}

/** An address to send a browser to; the words of apps are addresses too, those that run in the page are not. */
export function address(form: Form, name: string): string | null {
  const value = text(form, name);
  if (value === null || (URL.canParse(value) && !/^(javascript|data|vbscript):/i.test(value.trim()))) return value;
  throw refusedParameter(name, 'url_invalid', 'Not a valid URL');
}

export function flag(form: Form, name: string): boolean {
  return form[name] === 'true';
}

export function words(form: Form, name: string): string[] {
  const value = form[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function integer(form: Form, name: string): number | null {
  const value = form[name];
  return value === undefined ? null : wholeNumber(name, value);
}

export function positive(form: Form, name: string): number | null {
  const value = integer(form, name);
  if (value !== null && value < 1) {
    const message = 'This value must be greater than or equal to 1.';
    throw refusedParameter(name, 'parameter_invalid_integer', message);
  }
  return value;
}

export function wholeNumber(name: string, value: FormValue): number {
  if (typeof value === 'string' && WHOLE.test(value)) return Number(value);
  throw refusedParameter(name, 'parameter_invalid_integer', `Invalid integer: ${shown(value)}`);
}

export function metadata(form: Form): Metadata {
  const value = form['metadata'];
  return value === undefined || value === '' ? {} : readMetadata(value);
}

/** An empty value takes a key away, as an empty `metadata` takes them all. */
export function changedMetadata(before: Metadata, form: Form): Metadata {
  if (form['metadata'] === undefined) return before;
  if (form['metadata'] === '') return {};
  const merged = { ...before, ...metadata(form) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

function readMetadata(value: FormValue): Metadata {
  if (value === '') return {};
  if (!isForm(value)) throw refusedParameter('metadata', null, 'Invalid object');
  const entries = Object.entries(value);
  if (entries.length > METADATA_KEYS) {
    throw refusedParameter('metadata', null, `Metadata can have up to ${METADATA_KEYS} keys.`);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, metadataValue(key, item)]));
}

function metadataValue(key: string, value: FormValue): string {
  const param = `metadata[${key}]`;
  if (typeof value !== 'string') throw refusedParameter(param, null, 'Metadata values must be strings');
  if (key.length > METADATA_KEY_CHARACTERS || value.length > METADATA_VALUE_CHARACTERS) {
    const message =
      `Metadata keys can be up to ${METADATA_KEY_CHARACTERS} characters long, and metadata values up to ` +
      `${METADATA_VALUE_CHARACTERS}.`;
    throw refusedParameter(param, null, message);
  }
  return value;
}

function shown(value: FormValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
