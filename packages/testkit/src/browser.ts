/** A real headless Chromium: the machine's where there is one, else the one that comes with the development dependencies. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';

/** In this order; `$CHROME_PATH` before all. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Quiet on a closed network, and able to run as root inside a container. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export async function launchBrowser(): Promise<Browser> {
  const path = installedBrowser() ?? (await bundledBrowser());
  // A second of a processor, which every suite without a browser would pay for its other helpers.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: path, args: ARGUMENTS, headless: true });
}

function installedBrowser(): string | undefined {
  const wanted = process.env['CHROME_PATH'];
  if (wanted !== undefined && wanted !== '') return wanted;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find((candidate) => existsSync(candidate));
}

/** The package unpacks its libraries only where it believes itself on AWS Lambda; it looks when it is imported. */
async function bundledBrowser(): Promise<string> {
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs20.x';
  const { default: bundled } = await import('@sparticuz/chromium');
  return bundled.executablePath();
}
