import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from '@mantine/core'

// The green of the sign; white on the seventh and darker has 5.8:1 and more.
const leaf: MantineColorsTuple = [
  '#eaf7f0',
  '#d3eede',
  '#a8ddbf',
  '#7acc9e',
  '#55bd82',
  '#2a9d62',
  '#1b8350',
  '#117044',
  '#0b6b3a',
  '#08502b',
]

/** Mantine's look, changed where its colours are too pale to read (WCAG 2.2 AA). */
export const theme = createTheme({
  colors: { leaf },
  primaryColor: 'leaf',
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Code", Menlo, Consolas, monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    // A hint stands where the error will be: neither moves the field.
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] },
    },
    // A header there would be a second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
  },
  variantColorResolver: (input) => {
    const found = defaultVariantColorsResolver(input)
    const { color = input.theme.primaryColor, variant } = input
    const [name] = color.split('.')
    const isPale = variant === 'light' || variant === 'subtle' || variant === 'transparent'
    if (!isPale || !name || !(name in input.theme.colors)) return found
    const [ground, hover] = [18, 26].map(
      (share) =>
        `light-dark(var(--mantine-color-${name}-1), color-mix(in srgb, var(--mantine-color-${name}-6) ${share}%, var(--mantine-color-body)))`,
    )
    return {
      ...found,
      ...(variant === 'light' && { background: ground!, hover: hover! }),
      color: `light-dark(color-mix(in srgb, var(--mantine-color-${name}-9) 65%, black), var(--mantine-color-${name}-2))`,
    }
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b626a',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
  },
  dark: {
    '--mantine-color-dimmed': '#a6adb5',
    '--mantine-color-placeholder': '#9aa1a9',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
})
