// @vitest-environment node
import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import { expect, test } from 'vitest';
import { cssVariablesResolver, theme } from './theme';

// theme.css is generated: `npx vitest run src/app/theme.test.ts -u` writes it again after a change of theme.ts.
test('theme.css holds the variables of theme.ts', async () => {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const base = defaultCssVariablesResolver(merged);
  const ours = cssVariablesResolver(merged);
  const css = convertCssVariables({
    variables: { ...base.variables, ...ours.variables },
    light: { ...base.light, ...ours.light },
    dark: { ...base.dark, ...ours.dark },
  }).replaceAll(/;\s*/g, ';\n  ');
  await expect(`/* Generated from theme.ts by theme.test.ts. */\n${css}\n`).toMatchFileSnapshot('./theme.css');
});
