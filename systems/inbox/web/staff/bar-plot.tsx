/** Stacked bars over days, drawn by uPlot in the colours of the page, light or dark. */
import { useLanguage, useTheme } from '@fanfare/react';
import { type ReactElement, type RefObject, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DaySeries } from './day-series.ts';

export interface BarPlotProps {
  readonly title: string;
  readonly series: DaySeries;
}

const HEIGHT = 200;
/** What a date takes on the axis. */
const DAY_LABEL_PX = 52;
const HALF_A_DAY_S = 12 * 3600;

export function BarPlot({ title, series }: BarPlotProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  usePlot(place, series);
  return (
    <figure className="plot">
      <figcaption className="label">{title}</figcaption>
      {/* What it shows is in the table below it. */}
      <div ref={place} className="plot__place" aria-hidden="true" />
      <ul className="plot__legend small">
        {series.stack.map(({ label, colour, values }) => (
          <li key={label} className="row">
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
              <rect width="10" height="10" rx="3" fill={`var(${colour})`} />
            </svg>
            {label} <span className="muted number">{values.reduce((sum, value) => sum + value, 0)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function usePlot(place: RefObject<HTMLDivElement | null>, series: DaySeries): void {
  const theme = useTheme();
  const language = useLanguage();
  const systemIsDark = useRef(matchMedia('(prefers-color-scheme: dark)'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in the colours of the other theme
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let plot: UPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new UPlot(optionsOf(element, series, language), dataOf(series), element);
    };
    const fit = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    draw();
    fit.observe(element);
    const dark = systemIsDark.current;
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
      fit.disconnect();
      plot?.destroy();
    };
  }, [series, theme, language]);
}

/** The sums from the bottom up, tallest first: each is drawn over the one before it. */
function dataOf({ days, stack }: DaySeries): UPlot.AlignedData {
  const sums = stack.map((_, top) => {
    return days.map((_day, at) => stack.slice(0, top + 1).reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  });
  return [[...days], ...sums.reverse()];
}

function optionsOf(element: HTMLElement, { days, stack }: DaySeries, language: 'en' | 'vi'): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => resolved(element, `var(${name})`);
  const font = `12px ${style.fontFamily}`;
  const bars = UPlot.paths.bars?.({ size: [0.7, 48] });
  const axis = { stroke: colour('--muted'), font, ticks: { show: false } };
  const day = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    ...{ day: 'numeric', month: 'numeric', timeZone: 'UTC' },
  });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [(days[0] ?? 0) - HALF_A_DAY_S, (days.at(-1) ?? 0) + HALF_A_DAY_S] },
      y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.05)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        splits: (plot) => every(days, Math.ceil(days.length / Math.max(1, plot.width / DAY_LABEL_PX - 1))),
        values: (_plot, at) => at.map((seconds) => day.format(seconds * 1000)),
      },
      {
        ...axis,
        size: 44,
        grid: { stroke: colour('--line'), width: 1 },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
      },
    ],
    series: [
      {},
      ...[...stack].reverse().map((one) => ({
        label: one.label,
        fill: colour(one.colour),
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
      })),
    ],
  };
}

function every(days: readonly number[], step: number): number[] {
  return days.filter((_, index) => (days.length - 1 - index) % step === 0);
}

/** A canvas knows neither custom properties nor light-dark(): the browser is asked what it comes to. */
function resolved(element: HTMLElement, colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
