/** What was answered to broken requests, judged: an answer for each, of a status that is documented, with a code. */
import type { Answered, HttpAnswer } from './send-cases.ts';

export interface Judged {
  /** What was not as it must be, with the request; empty: nothing. Of each kind the first. */
  readonly problems: readonly string[];
  /** Answers by status. */
  readonly counts: Readonly<Record<number, number>>;
}

/** Of the HTTP API: docs/reference/http-api.md and errors.md. No 5xx: nothing of ours fails by what somebody sends. */
const STATUSES: ReadonlySet<number> = new Set([
  ...[200, 201, 204, 304],
  ...[400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 421, 422, 426, 429, 431],
]);

export function judgeAnswers(answered: readonly Answered[]): Judged {
  const counts: Record<number, number> = {};
  const problems = new Map<string, string>();
  for (const { sent, answers } of answered) {
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    const problem = answers.map(problemOf).find((found) => found !== undefined) ?? problemOfCase(sent, answers);
    if (problem === undefined) continue;
    const kind = `${problem.slice(0, 60)} [${sent.what}]`;
    problems.set(
      kind,
      problems.get(kind) ?? `${problem} [${sent.what}] ${JSON.stringify(sent.bytes.toString('latin1', 0, 1500))}`,
    );
  }
  return { problems: [...problems.values()], counts };
}

function problemOfCase({ isAlone, isWrong }: Answered['sent'], answers: readonly HttpAnswer[]): string | undefined {
  if (answers.length === 0 && !isAlone) return 'no answer';
  const taken = isWrong ? answers.find(({ status }) => status < 400) : undefined;
  return taken === undefined ? undefined : `taken with ${taken.status} ${taken.body.slice(0, 100)}`;
}

function problemOf({ status, head, body }: HttpAnswer): string | undefined {
  if (!STATUSES.has(status)) return `status ${status} ${body.slice(0, 200)}`;
  if (status < 400 || (status === 404 && /^content-type: text\/html/im.test(head))) return undefined;
  return /^\{"error":\{"code":"[A-Z][A-Z0-9_]*","message":"/.test(body)
    ? undefined
    : `no code in ${status} ${body.slice(0, 200)}`;
}
