/** Names this tab over reloads, so that coming back replaces the earlier connection instead of doubling it. */
export function deviceName(storage: Storage = sessionStorage): string {
  const key = 'nghisu.device';
  try {
    const known = storage.getItem(key);
    if (known) return known;
    const made = randomName();
    storage.setItem(key, made);
    return made;
  } catch {
    return randomName(); // storage is blocked: a reload then counts as another device
  }
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
