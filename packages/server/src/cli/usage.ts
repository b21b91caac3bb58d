/** Help texts, made from the table of settings, so that they cannot disagree with it. */
import { SETTINGS, type SettingName } from '../http/serve/config/server-config.ts';

export const HELP = `fanfare: real-time delivery server

  fanfare serve [flags]   run the server; fanfare serve --help lists the flags
  fanfare --version
  fanfare --help`;

export const SERVE_HELP: string = serveHelp();

function serveHelp(): string {
  const rows = Object.entries(SETTINGS).map(([name, setting]) => {
    const flag = `--${setting.flag}${setting.kind === 'switch' ? '' : ` ${placeholder(setting.kind)}`}`;
    const fallback = typeof setting.fallback === 'object' ? '' : String(setting.fallback);
    const shown = fallback === '' ? '' : ` (default ${fallback})`;
    return `  ${flag.padEnd(26)}${setting.help}${shown}\n${' '.repeat(28)}${setting.env.join(' or ')}; in the file: ${name}`;
  });
  return `fanfare serve: run the server

${rows.join('\n')}
  --config FILE             settings file (default fanfare.yaml, where there is one)
                            FANFARE_CONFIG
  --check-config            check every setting, also for names that nobody knows, and exit

A flag beats the environment, the environment beats the file, the file beats the default.`;
}

function placeholder(kind: (typeof SETTINGS)[SettingName]['kind']): string {
  return kind === 'number' ? 'N' : kind === 'list' ? 'A,B' : kind === 'numbers' ? 'A=1,B=2' : 'VALUE';
}
