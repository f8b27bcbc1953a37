// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const here = import.meta.dirname;
const source = join(here, '..');

type Tree = { [key: string]: string | Tree };

function keysOf(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}

/** A plural key without its form: languages have different forms. */
const bare = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const read = (language: string, file: string): Tree =>
  JSON.parse(readFileSync(join(here, language, file), 'utf8')) as Tree;
const unique = (list: string[]) => [...new Set(list)].sort();

const namespaces = readdirSync(join(here, 'vi')).sort();
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n');

test('both languages have the same files', () => {
  expect(readdirSync(join(here, 'en')).sort()).toEqual(namespaces);
});

describe.each(namespaces)('%s', (file) => {
  const vi = keysOf(read('vi', file));

  test('both languages have the same keys', () => {
    expect(unique(keysOf(read('en', file)).map(bare))).toEqual(unique(vi.map(bare)));
  });

  test('both languages fill the same places', () => {
    const places = (language: string) => {
      const found: Record<string, string[]> = {};
      const walk = (tree: Tree, prefix: string) => {
        for (const [key, value] of Object.entries(tree)) {
          if (typeof value !== 'string') walk(value, `${prefix}${key}.`);
          else {
            const names = [...value.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? '').filter((n) => n !== 'count');
            found[bare(prefix + key)] = unique(names);
          }
        }
      };
      walk(read(language, file), '');
      return found;
    };
    expect(places('en')).toEqual(places('vi'));
  });

  test('every key is used: whole, or below a prefix that the code completes', () => {
    const name = basename(file, '.json');
    const unused = unique(vi.map(bare)).filter((key) => {
      if (code.includes(`'${key}'`) || code.includes(`i18nKey="${key}"`) || code.includes(`'${name}:${key}'`))
        return false;
      const parts = key.split('.');
      return !parts.some((_, i) => {
        const prefix = parts.slice(0, i).join('.');
        return code.includes(`\`${prefix ? `${prefix}.` : ''}\${`) && prefix !== '';
      });
    });
    expect(unused).toEqual([]);
  });
});

test('every whole key in the code exists', () => {
  const known = new Set(
    namespaces.flatMap((file) => {
      const name = basename(file, '.json');
      return keysOf(read('vi', file)).flatMap((key) => [bare(key), `${name}:${bare(key)}`]);
    }),
  );
  const missing = unique(
    [...code.matchAll(/[^\w.]t\('([^']+)'/g)].map((m) => m[1] ?? '').filter((key) => !known.has(key)),
  );
  expect(missing).toEqual([]);
});
