// Which browser and which system this is, as far as the words for permissions need it. Pure.

export type Browser = 'chrome' | 'edge' | 'coccoc' | 'firefox' | 'safari' | 'android' | 'ios';
export type System = 'windows' | 'macos' | 'android' | 'ios' | 'other';

/** Reads `navigator.userAgent`. An iPad says that it is a Mac, but has a touch screen. */
export function systemOf(userAgent: string, touchPoints = 0): System {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return 'ios';
  if (/Android/.test(userAgent)) return 'android';
  if (/Windows/.test(userAgent)) return 'windows';
  return /Macintosh/.test(userAgent) ? 'macos' : 'other';
}

/** On phones the system counts, not the browser: permissions are found in the same place. */
export function browserOf(userAgent: string, touchPoints = 0): Browser {
  const system = systemOf(userAgent, touchPoints);
  if (system === 'ios' || system === 'android') return system;
  if (/coc_coc_browser|CocCoc/i.test(userAgent)) return 'coccoc';
  if (/Edg\//.test(userAgent)) return 'edge';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrome\//.test(userAgent)) return 'chrome';
  return /Safari\//.test(userAgent) ? 'safari' : 'chrome';
}
