/** Middle words that only tell men's names from women's; initials pass over them. */
const filler = new Set(['văn', 'thị']);

/** Initials of a Vietnamese name, those of its last two telling words: Đỗ Thị Lan Anh is LA, Phạm Văn Đức is PĐ. */
export function initials(fullName: string): string {
  const words = fullName.normalize('NFC').trim().split(/\s+/).filter(Boolean);
  const telling = words.filter(
    (word, i) => i === 0 || i === words.length - 1 || !filler.has(word.toLocaleLowerCase('vi')),
  );
  return telling
    .slice(-2)
    .map((word) => word.charAt(0))
    .join('')
    .toLocaleUpperCase('vi');
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
