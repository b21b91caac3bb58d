/** Before the first tap: log in as an umpire, or ask the organiser to approve this phone. */
import { useWords } from '@fanfare/react';
import { type FormEvent, type ReactElement, type ReactNode, useId, useState } from 'react';
import { Icon } from '../parts/icons.tsx';
import { DemoPeople } from './demo-people.tsx';
import { type UmpireWords, umpireWords } from './umpire-words.ts';
import type { DeviceAccess, DeviceFailure } from './use-device.ts';

export interface DeviceStepProps {
  readonly access: DeviceAccess;
  /** Taps that wait for this. */
  readonly kept: number;
}

export function DeviceStep({ access, kept }: DeviceStepProps): ReactElement {
  const words = useWords(umpireWords).device;
  const { device } = access;
  const keptNote = kept === 0 ? null : <p className="notice small">{words.kept(kept)}</p>;
  switch (device.kind) {
    case 'blocked':
      return (
        <Panel heading={words.blocked} help={words.blockedHelp}>
          {keptNote}
        </Panel>
      );
    case 'pending':
      return (
        <Panel heading={words.pending} help={words.pendingHelp(device.name)}>
          {keptNote}
          <span className="skeleton device__waiting" />
          <Approval id={device.id} words={words} />
          <p className="device__or muted">{words.or}</p>
          <LogIn access={access} words={words} />
        </Panel>
      );
    case 'unknown':
      return (
        <Panel heading={words.heading} help={device.refused ? words.notUmpire : words.help}>
          {keptNote}
          <LogIn access={access} words={words} />
          <DemoPeople logIn={access.logIn} words={words} />
          <p className="device__or muted">{words.or}</p>
          <Ask access={access} words={words} />
        </Panel>
      );
    default:
      return (
        <Panel heading={words.checking} help="">
          {keptNote}
          <span className="skeleton device__waiting" />
        </Panel>
      );
  }
}

/** What an organiser does about this device today: two requests. */
function Approval({ id, words }: { readonly id: string; readonly words: UmpireWords['device'] }): ReactElement {
  const { origin } = window.location;
  const commands = [
    `curl -c jar -H 'Content-Type: application/json' \\`,
    `  -d '{"username":"admin","password":"demo"}' ${origin}/api/login`,
    `curl -b jar -X POST ${origin}/api/devices/${id}/verify`,
  ].join('\n');
  return (
    <div className="stack">
      <p>
        {words.id} <code className="device__id">{id}</code>
      </p>
      <details>
        <summary>{words.approve}</summary>
        <div className="device__approve">
          <p className="muted small">{words.approveHelp}</p>
          {/* Scrolls sideways on a phone: reachable by keyboard, so it takes focus. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take keyboard focus (WCAG 2.1.1) */}
          <pre tabIndex={0}>
            <code>{commands}</code>
          </pre>
        </div>
      </details>
    </div>
  );
}

interface FormProps {
  readonly access: DeviceAccess;
  readonly words: UmpireWords['device'];
}

function LogIn({ access, words }: FormProps): ReactElement {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const { problem, submit, busy } = useSubmit(
    () => (username === '' || password === '' ? words.loginMissing : access.logIn(username, password)),
    words,
  );
  return (
    <form className="device__form" onSubmit={submit} noValidate>
      <TextField label={words.username} value={username} change={setUsername} autoComplete="username" />
      <TextField label={words.password} value={password} change={setPassword} autoComplete="current-password" />
      <Problem text={problem} />
      <button type="submit" className="button button--accent" disabled={busy}>
        {words.logIn}
      </button>
    </form>
  );
}

function Ask({ access, words }: FormProps): ReactElement {
  const [name, setName] = useState('');
  const { problem, submit, busy } = useSubmit(
    () => (name.trim() === '' ? words.nameMissing : access.ask(name.trim())),
    words,
  );
  return (
    <form className="device__form" onSubmit={submit} noValidate>
      <TextField
        label={words.name}
        value={name}
        change={setName}
        autoComplete="off"
        placeholder={words.namePlaceholder}
      />
      <p className="muted small">{words.nameHelp}</p>
      <Problem text={problem} />
      <button type="submit" className="button" disabled={busy}>
        {words.ask}
      </button>
    </form>
  );
}

interface Submit {
  readonly problem: string;
  readonly busy: boolean;
  readonly submit: (event: FormEvent) => void;
}

/** `attempt` answers with what is missing, or does it and tells how it went. */
function useSubmit(attempt: () => string | Promise<DeviceFailure | undefined>, words: UmpireWords['device']): Submit {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    const begun = attempt();
    if (typeof begun === 'string') return setProblem(begun);
    setBusy(true);
    const failure = await begun;
    setBusy(false);
    setProblem(failure === undefined ? '' : failure.message || words.failed);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run();
  };
  return { problem, busy, submit };
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly autoComplete: string;
  readonly placeholder?: string;
}

function TextField({ label, value, change, autoComplete, placeholder }: TextFieldProps): ReactElement {
  const id = useId();
  return (
    <div className="device__field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type={autoComplete === 'current-password' ? 'password' : 'text'}
        value={value}
        onChange={(event) => change(event.target.value)}
        autoComplete={autoComplete}
        autoCapitalize="none"
        maxLength={64}
        placeholder={placeholder}
      />
    </div>
  );
}

function Problem({ text }: { readonly text: string }): ReactElement {
  return (
    <p className="field-error" role="alert">
      {text}
    </p>
  );
}

interface PanelProps {
  readonly heading: string;
  readonly help: string;
  readonly children: ReactNode;
}

function Panel({ heading, help, children }: PanelProps): ReactElement {
  return (
    <section className="device">
      <h2 className="device__heading">
        <Icon name="phone" size={24} />
        {heading}
      </h2>
      <p className="muted">{help}</p>
      {children}
    </section>
  );
}
