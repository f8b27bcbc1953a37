/** Reads what people type as a time of day ("8:30", "830", "8h30", "08h") into HH:mm, or null. */
export function readTime(text: string): string | null {
  const found = /^(\d{1,2})\s*(?:[:hg.]\s*(\d{1,2})?)?$/i.exec(text.trim()) ?? /^(\d{1,2})(\d{2})$/.exec(text.trim());
  if (!found) return null;
  const hour = Number(found[1]);
  const minute = Number(found[2] ?? '0');
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
