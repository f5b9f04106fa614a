/** A decoded form: `metadata[order]=7&expand[0]=charge` is `{ metadata: { order: '7' }, expand: ['charge'] }`. */
export type FormValue = string | FormValue[] | Form;
export interface Form {
  [key: string]: FormValue;
}

const DEPTH_LIMIT = 8;

export function decodeForm(text: string): Form {
  const root: Form = emptyForm();
  if (text === '') return root;
  for (const pair of text.split('&')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const path = plain(name).replaceAll(']', '').split('[').slice(0, DEPTH_LIMIT);
    set(root, path, plain(value));
  }
  return listed(root);
}

export function isForm(value: FormValue | undefined): value is Form {
  return typeof value === 'object' && !Array.isArray(value);
}

function emptyForm(): Form {
  return Object.create(null) as Form;
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}

function set(form: Form, path: string[], value: string): void {
  let at = form;
  path.forEach((step, depth) => {
    const key = step === '' ? String(Object.keys(at).length) : step;
    if (depth === path.length - 1) {
      at[key] = value;
      return;
    }
    const existing = at[key];
    const next = isForm(existing) ? existing : emptyForm();
    at[key] = next;
    at = next;
  });
}

/** Turns `{ 0: …, 1: … }` into lists, all the way down. */
function listed(form: Form): Form {
  for (const [key, value] of Object.entries(form)) {
    if (!isForm(value)) continue;
    const inner = listed(value);
    const keys = Object.keys(inner);
    const isList = keys.length > 0 && keys.every((name, index) => name === String(index));
    form[key] = isList ? Object.values(inner) : inner;
  }
  return form;
}
