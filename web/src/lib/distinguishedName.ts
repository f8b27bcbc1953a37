/** The parts of a certificate's name, "CN=Phạm Văn Đức,O=Văn phòng", in their order. Commas in values are escaped. */
export function partsOf(name: string): { type: string; value: string }[] {
  const parts = name.match(/(?:\\.|[^,+\\])+/g) ?? [];
  return parts.flatMap((part) => {
    const at = part.indexOf('=');
    if (at < 1) return [];
    const type = part.slice(0, at).trim().toUpperCase();
    const value = part
      .slice(at + 1)
      .trim()
      .replaceAll(/\\(.)/g, '$1');
    return value.startsWith('#') ? [] : [{ type, value }];
  });
}

/** What a person reads first: whom it names, then unit and agency. */
const order = ['CN', 'OU', 'O', 'L', 'ST'];

/** A certificate's name for people: "Phạm Văn Đức · Phòng Hành chính · Văn phòng". The name itself when it cannot be read. */
export function readableName(name: string): string {
  const parts = partsOf(name);
  const values = order.flatMap((type) => parts.filter((p) => p.type === type).map((p) => p.value));
  return [...new Set(values)].join(' · ') || name;
}
