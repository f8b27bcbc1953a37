import 'dayjs/locale/vi';
import dayjs from 'dayjs';
import i18next, { type ResourceKey } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { setApiLanguage } from '../api/client';

/** Languages of the interface; the first one is the default. */
export const languages = ['vi', 'en'] as const;
export type Language = (typeof languages)[number];

const storageKey = 'nghisu.language';
const files = import.meta.glob<{ default: ResourceKey }>('./{vi,en}/*.json');

function stored(): Language {
  try {
    const value = localStorage.getItem(storageKey);
    if (value === 'en') return 'en';
  } catch {
    // storage is closed: the default stays
  }
  return 'vi';
}

function apply(language: string): void {
  document.documentElement.lang = language;
  dayjs.locale(language);
  setApiLanguage(language);
}

/** Starts i18next. A namespace is a file `i18n/<language>/<namespace>.json`, fetched when a page first uses it. */
export async function startI18n(): Promise<void> {
  const language = stored();
  i18next.use({
    type: 'backend',
    init: () => undefined,
    read(lng: string, namespace: string, done: (error: Error | null, data: ResourceKey | false) => void) {
      const load = files[`./${lng}/${namespace}.json`];
      if (!load) return done(new Error(`no texts for ${lng}/${namespace}`), false);
      load().then(
        (module) => done(null, module.default),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), false),
      );
    },
  });
  i18next.use(initReactI18next);
  i18next.on('languageChanged', apply);
  apply(language);
  await i18next.init({
    lng: language,
    fallbackLng: false,
    supportedLngs: [...languages],
    ns: ['common'],
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** Changes the language and keeps the choice in this browser. */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // the choice then lasts until the page is closed
  }
  await i18next.changeLanguage(language);
}

/** Fetches the words of all pages once nothing else is to do, so that no panel has to wait for its own when it is first opened. */
export function fetchAllWords(): () => void {
  const namespaces = Object.keys(files)
    .filter((file) => file.startsWith(`./${i18next.language}/`))
    .map((file) => file.slice(file.lastIndexOf('/') + 1, -'.json'.length));
  const fetchThem = () => void i18next.loadNamespaces(namespaces);
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(fetchThem, 1_000); // Safari
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(fetchThem, { timeout: 5_000 });
  return () => cancelIdleCallback(idle);
}
