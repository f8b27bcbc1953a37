/** Initials of a Vietnamese name: first letter of the middle name and of the given name. */
export function initials(fullName: string): string {
  const words = fullName.trim().split(/\s+/).filter(Boolean);
  const [last, middle] = [words.at(-1), words.length > 1 ? words.at(-2) : undefined];
  return `${middle?.charAt(0) ?? ''}${last?.charAt(0) ?? ''}`.toLocaleUpperCase('vi');
}

/** Text without marks and in small letters, to compare what people type: "quyet dinh" finds "Quyết định". */
export function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLocaleLowerCase('vi').trim();
}

/** True when every word of the query begins or stands somewhere in the text, marks aside. */
export function matches(text: string, query: string): boolean {
  const folded = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}
