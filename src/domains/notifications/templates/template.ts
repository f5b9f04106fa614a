import Handlebars from 'handlebars';
import { htmlLayout, textLayout } from './layout.js';

export interface Content {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What every letter is told beside its own facts: whom it greets. */
interface Addressed {
  readonly name: string | null;
}

interface TemplateSource<View> {
  /** Names nobody: what users wrote about themselves does not belong into a subject. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Rendered when the module is loaded: a template with a mistake fails the boot instead of a customer's mail. */
  readonly example: View;
}

export interface Template<View> {
  readonly render: (view: View & Addressed) => Content;
}

const handlebars = Handlebars.create();

/** A link in a quoted attribute, escaped but for `=`, which is harmless there: programs that read mails look for `token=`. */
handlebars.registerHelper('href', (url: string) => {
  const escaped = Handlebars.escapeExpression(new URL(url).href);
  return new Handlebars.SafeString(escaped.replaceAll('&#x3D;', '='));
});

/** Strict: a field that the view does not have is an error, never an empty place in a letter. */
const strictly = { strict: true, knownHelpers: { href: true }, knownHelpersOnly: true };

export function defineTemplate<View extends object>({ subject, ...source }: TemplateSource<View>): Template<View> {
  const html = handlebars.compile(htmlLayout(source.html), strictly);
  const text = handlebars.compile(textLayout(source.text), { ...strictly, noEscape: true });
  const render = (view: View & Addressed): Content => ({ subject, html: html({ ...view, subject }), text: text(view) });
  render({ ...source.example, name: 'Ada' });
  return { render };
}
