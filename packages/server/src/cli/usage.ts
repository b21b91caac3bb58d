/** Help texts, made from the table of settings, so that they cannot disagree with it. */
import { SETTINGS, type SettingName } from '../http/serve/config/server-config.ts';

export const HELP = `fanfare: real-time delivery server

  fanfare serve [flags]   run the server; fanfare serve --help lists the flags
  fanfare token           make a token or a key, or tell what a token is worth; fanfare token --help
  fanfare explain         why a token may do something on a channel, or may not; fanfare explain --help
  fanfare --version
  fanfare --help`;

export const SERVE_HELP: string = serveHelp();

export const TOKEN_HELP = `fanfare token: make a token, signed as an issuer of the access file does

  --sub SUBJECT             whose it is
  --expires TIME            90s, 30m, 1h, 7d (default 1h)
  --grant ACTION=PATTERNS   such as subscribe=court:*,inbox:{sub}; may be repeated
  --role ROLE               may be repeated
  --claim NAME=VALUE        JSON, or a text; may be repeated
  --name NAME, --id ID      for people; the token's id (default a random one)
  --issuer NAME             where the file has several
  --audience NAME           where the issuer has several (default the first)
  --key FILE, --kid ID      private key in PEM, where the issuer has no secret
  --access FILE             access file; otherwise FANFARE_ACCESS, or access in fanfare.yaml

fanfare token --explain TOKEN
  what is in it, and whether the server takes it; exit code 1 where not

fanfare token --api-key --id NAME --grant ACTION=PATTERNS
  a key for a program, on stdout, and the entry for the access file`;

export const EXPLAIN_HELP = `fanfare explain: why something is allowed or denied, rule by rule; exit code 0 allowed, 1 denied

  --channel NAME            which channel
  --action ACTION           subscribe (default), publish, history, presence or manage
  --token TOKEN             who asks (default nobody in particular)
  --access FILE             access file; otherwise FANFARE_ACCESS, or access in fanfare.yaml
  --server URL              ask a running server instead, which knows what was revoked
  --api-key KEY             its key (default FANFARE_API_KEY)`;

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
