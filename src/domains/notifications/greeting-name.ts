const LENGTH_MAX = 60;
const LOOKS_LIKE_A_LINK = /:\/\/|[\p{L}\p{N}-]\.\p{L}{2,}|@/u;

/**
 * The name a letter greets by, or null. Anybody can register somebody else's address under any "name"; a name that a
 * mail program would turn into a link is not spread by our mails.
 */
export function greetingName(displayName: string | null): string | null {
  const name = displayName?.replace(/[\s\p{C}]+/gu, ' ').trim() ?? '';
  if (name === '' || name.length > LENGTH_MAX || LOOKS_LIKE_A_LINK.test(name)) return null;
  return name;
}
