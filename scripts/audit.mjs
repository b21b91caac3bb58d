/** Are there known holes in what is shipped? Fails on one; a registry that does not answer is told, and is no failure. */
import { spawnSync } from 'node:child_process';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

/** What the answer of `npm audit --json` means: `clean`, `unanswered`, or what is wrong, one line each. */
export function judge(output) {
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    return 'unanswered';
  }
  if (report.error !== undefined || report.vulnerabilities === undefined) return 'unanswered';
  const found = Object.values(report.vulnerabilities).map(
    ({ name, severity, range }) => `${severity}: ${name} ${range}`,
  );
  return found.length === 0 ? 'clean' : found;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
  const verdict = judge(stdout ?? '');
  if (Array.isArray(verdict)) {
    console.log(verdict.join('\n'));
    process.exitCode = 1;
  } else {
    console.log(
      verdict === 'clean' ? 'npm audit: nothing is known' : 'npm audit: the registry did not answer; skipped',
    );
  }
}
