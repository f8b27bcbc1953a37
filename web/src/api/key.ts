/** A fresh Idempotency-Key. `crypto.randomUUID` is missing on plain HTTP from another host, so bytes are used. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
