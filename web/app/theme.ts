import { Button, type CSSVariablesResolver, createTheme, type MantineColorsTuple, Paper, Table } from '@mantine/core';

const outport: MantineColorsTuple = [
  '#e6f7f9',
  '#d3ecf0',
  '#a8d9e0',
  '#79c4cf',
  '#54b3c1',
  '#3ba7b8',
  '#2ba1b3',
  '#168a9b',
  '#0b7285',
  '#075e6e',
];

export const theme = createTheme({
  colors: { outport },
  primaryColor: 'outport',
  primaryShade: 8,
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 'md',
  // What the reader's system has: nothing is loaded from anywhere.
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.05rem' } } },
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Paper: Paper.extend({ defaultProps: { radius: 'md' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'sm', highlightOnHover: true } }),
  },
});

/** Words in the background keep the contrast of 4.5:1 that WCAG AA asks for, which Mantine's own greys miss. */
export const contrast: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a626a',
    '--mantine-color-placeholder': '#6b737b',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-teal-light-color': '#066649',
    '--mantine-color-blue-light-color': '#155794',
    '--mantine-color-yellow-light-color': '#754c00',
    '--mantine-color-orange-light-color': '#943900',
    '--mantine-color-red-light-color': '#ab2424',
    '--outport-page': '#f6f8f9',
    '--outport-track': '#dfe5e8',
  },
  dark: {
    '--mantine-color-dimmed': '#a6adb4',
    '--mantine-color-placeholder': '#9aa2a9',
    '--mantine-color-error': '#ff8787',
    '--outport-page': '#1a1c1e',
    '--outport-track': '#3b4146',
  },
});
