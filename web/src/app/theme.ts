import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
  type VariantColorsResolver,
} from '@mantine/core';

const lam: MantineColorsTuple = [
  '#EDF3F9',
  '#DCE7F2',
  '#B8CFE4',
  '#8FB3D5',
  '#6697C5',
  '#437EB4',
  '#2968A2',
  '#17528A',
  '#11416F',
  '#0C3156',
];
const son: MantineColorsTuple = [
  '#FDEEEC',
  '#FADCD8',
  '#F2B5AE',
  '#E88A80',
  '#DC6055',
  '#CC4034',
  '#B92A1F',
  '#A82117',
  '#8A1A12',
  '#6B130D',
];
const gray: MantineColorsTuple = [
  '#F7F9FA',
  '#F1F4F6',
  '#E7EBEF',
  '#DDE3E9',
  '#C6CFD8',
  '#9AA6B2',
  '#75818D',
  '#5A6774',
  '#3B4856',
  '#16212E',
];
const dark: MantineColorsTuple = [
  '#E4EAF0',
  '#B4BFCA',
  '#94A1AE',
  '#6F7D8B',
  '#3A4856',
  '#2A3744',
  '#1C2732',
  '#151E28',
  '#0F161E',
  '#0A1016',
];

/** Buttons of danger are a red word in a red frame (`variant="danger"`); a filled red one is `color="son"`. */
const variantColorResolver: VariantColorsResolver = (input) => {
  if (input.variant === 'danger') {
    return {
      background: 'var(--surface)',
      hover: 'var(--red-soft)',
      color: 'var(--red)',
      border: '1px solid var(--red-line)',
    };
  }
  if (input.variant === 'filled' && input.color === 'son') {
    return {
      background: 'var(--red-fill)',
      hover: 'var(--red-fill-strong)',
      color: '#fff',
      border: '1px solid transparent',
    };
  }
  return defaultVariantColorsResolver(input);
};

/** Theme of Mantine: names and numbers of the interface rules. Colours that change with the scheme are in tokens.css. */
export const theme: MantineThemeOverride = createTheme({
  primaryColor: 'lam',
  primaryShade: { light: 7, dark: 5 },
  colors: { lam, son, gray, dark },
  black: '#16212E',
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily: "'Inter Variable', system-ui, 'Segoe UI', Arial, sans-serif",
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.3125rem' },
  spacing: { xs: '0.25rem', sm: '0.5rem', md: '0.75rem', lg: '1rem', xl: '1.5rem' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  headings: { fontWeight: '650', textWrap: 'pretty' },
  variantColorResolver,
  components: {
    Modal: {
      defaultProps: {
        centered: true,
        size: 'md',
        radius: 'lg',
        lockScroll: false,
        transitionProps: { duration: 180 },
        overlayProps: { backgroundOpacity: 0.45 },
      },
    },
    Drawer: { defaultProps: { radius: 'lg', lockScroll: false, transitionProps: { duration: 180 } } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 } } },
    Combobox: { defaultProps: { shadow: 'md' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 32 } },
    Notification: { defaultProps: { radius: 'md' } },
  },
});

/** Maps our tokens onto Mantine's names. The result is written to theme.css, because the
 *  Content-Security-Policy forbids the style element that Mantine would write at run time. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const names = {
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-dimmed': 'var(--text-3)',
    '--mantine-color-error': 'var(--red)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-placeholder': 'var(--text-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-lam-filled': 'var(--accent-fill)',
    '--mantine-color-lam-filled-hover': 'var(--accent-fill-hover)',
    '--mantine-color-lam-light': 'var(--accent-soft)',
    '--mantine-color-lam-light-color': 'var(--accent)',
    '--mantine-color-lam-outline': 'var(--accent)',
    '--mantine-color-lam-text': 'var(--accent)',
    '--mantine-color-gray-light-color': 'var(--text-2)',
  };
  return {
    variables: { '--mantine-shadow-md': 'var(--shadow-float)', '--mantine-shadow-xl': 'var(--shadow-float)' },
    light: names,
    dark: names,
  };
};
