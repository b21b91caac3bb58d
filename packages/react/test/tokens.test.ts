/** The tokens keep their promises: every text reads on every ground, in the light and in the dark. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const files = readdirSync(new URL('../src/styles/', import.meta.url));
const css = files.map((file) => read(`../src/styles/${file}`)).join('\n');
const SCHEMES = ['light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];

/** `--name` as `#rrggbb`, in one scheme. */
function color(name: string, scheme: Scheme): string {
  const pair = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(css);
  const one = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css);
  const found = pair === null ? one?.[1] : pair[scheme === 'light' ? 1 : 2];
  if (found === undefined) throw new Error(`no colour --${name}`);
  return found;
}

/** WCAG 2.2: relative luminance, and the ratio of two. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS = ['ink', 'muted', 'accent-text', 'live-text', 'polling-text', 'offline-text'];

describe.each(SCHEMES)('in the %s', (scheme) => {
  it.each(TEXTS.flatMap((text) => [[text, 'paper'] as const, [text, 'card'] as const]))(
    '%s reads on %s',
    (text, ground) => {
      expect(contrast(color(text, scheme), color(ground, scheme))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('text reads on an accent button, on a flash, and on the ground of an error', () => {
    expect(contrast(color('accent-ink', scheme), color('accent', scheme))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color('ink', scheme), color('flash', scheme))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(color('ink', scheme), color('offline-soft', scheme))).toBeGreaterThanOrEqual(4.5);
  });

  it('the edge of a control, and the focus ring, are seen', () => {
    expect(contrast(color('line-strong', scheme), color('card', scheme))).toBeGreaterThanOrEqual(3);
    expect(contrast(color('focus', scheme), color('paper', scheme))).toBeGreaterThanOrEqual(3);
  });
});

describe('the tokens', () => {
  it('are those of the design', () => {
    expect([color('ink', 'light'), color('paper', 'light'), color('card', 'light')]).toEqual([
      '#12151c',
      '#faf9f6',
      '#ffffff',
    ]);
    expect([color('line', 'light'), color('muted', 'light')]).toEqual(['#e6e3dc', '#6b6f78']);
    expect([color('accent', 'light'), color('live', 'light')]).toEqual(['#e4572e', '#1f9d55']);
    expect([color('polling', 'light'), color('offline', 'light')]).toEqual(['#c98a00', '#b3261e']);
    expect([color('paper', 'dark'), color('card', 'dark'), color('line', 'dark')]).toEqual([
      '#0f1217',
      '#171b22',
      '#2a2f39',
    ]);
    expect([color('ink', 'dark'), color('flash', 'light'), color('flash', 'dark')]).toEqual([
      '#eceae4',
      '#fff3b0',
      '#4a4215',
    ]);
    expect([12, 14, 16, 20, 28, 44, 72].filter((size) => !css.includes(`--text-${size}: ${size / 16}rem;`))).toEqual(
      [],
    );
  });

  it('are all on the page that imports tokens.css, the variables before what uses them', () => {
    const imported = [...read('../src/tokens.css').matchAll(/@import "\.\/styles\/(.+?)";/g)].map(([, file]) => file);

    expect([...imported].sort()).toEqual([...files].sort());
    expect(imported[0]).toBe('variables.css');
  });

  it('flash as long as the hook says', () => {
    const [, ms] = /const FLASH_MS = (\d+);/.exec(read('../src/use-flash.ts')) ?? [];

    expect(css).toContain(`--flash-time: ${ms}ms;`);
  });

  it('move nothing for whoever asked for less motion', () => {
    const rules = css.split('@media (prefers-reduced-motion: reduce)').slice(1).join('');

    expect(rules).toContain('--flash-time: 0ms;');
    expect(rules).toMatch(/\.flash\[data-flash\] \{\s*animation: none;/);
  });
});
