/** What the user wants to be told, and how. Kept at once, on every device; there is no button to forget. */
import { useWords } from '@fanfare/react';
import {
  changePreferences,
  isQuiet,
  NOTE_TYPES,
  type NoteType,
  type Preferences,
  type PreferencesChange,
} from '@fanfare-systems/inbox/rules';
import { type ReactElement, useState } from 'react';
import { putPreferences } from '../api.ts';
import { useInbox } from '../list/inbox-context.ts';
import { Icon } from '../parts/icons.tsx';
import { words as dictionary } from '../words.ts';

interface FormProps {
  readonly preferences: Preferences;
  readonly change: (change: PreferencesChange) => void;
}

export function PreferencesForm(): ReactElement {
  const words = useWords(dictionary);
  const { preferences, setPreferences } = useInbox();
  const [problem, setProblem] = useState<string>();
  // Beside the list where there is room; else folded, and the reader's to open.
  const [isWide] = useState(() => matchMedia('(min-width: 901px)').matches);
  const change = async (wanted: PreferencesChange): Promise<void> => {
    if (preferences === undefined) return;
    const changed = changePreferences(preferences, wanted);
    setPreferences(changed);
    // What was changed and no more: changes made one after the other may arrive in another order.
    const answer = await putPreferences(wanted);
    setProblem(answer.ok ? undefined : (answer.reason ?? words.noAnswer));
    if (!answer.ok) setPreferences(preferences);
  };
  return (
    <details className="card preferences" open={isWide}>
      <summary>
        <Icon name="settings" />
        <h2>{words.preferences}</h2>
        <span className="preferences__turn">
          <Icon name="down" />
        </span>
      </summary>
      <div className="stack preferences__all">
        {preferences === undefined ? (
          <span className="skeleton preferences__skeleton" />
        ) : (
          <>
            <Types preferences={preferences} change={(wanted) => void change(wanted)} />
            <Quiet preferences={preferences} change={(wanted) => void change(wanted)} />
          </>
        )}
        {problem !== undefined && (
          <p className="notice notice--error" role="alert">
            {problem}
          </p>
        )}
      </div>
    </details>
  );
}

function Types({ preferences, change }: FormProps): ReactElement {
  const words = useWords(dictionary);
  return (
    <table className="preferences__types">
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">{words.type}</span>
          </th>
          <th scope="col">{words.on}</th>
          <th scope="col">{words.sound}</th>
        </tr>
      </thead>
      <tbody>
        {NOTE_TYPES.map((type) => (
          <tr key={type} data-type={type}>
            <th scope="row">
              <span className="row preferences__type">
                <Icon name={type} />
                {words.types[type]}
              </span>
            </th>
            <td>
              <Box
                label={`${words.types[type]}: ${words.on}`}
                isOn={preferences.types[type].on}
                set={(on) => change(changeOf(type, { on }))}
              />
            </td>
            <td>
              <Box
                label={`${words.types[type]}: ${words.sound}`}
                isOn={preferences.types[type].sound}
                isDisabled={!preferences.types[type].on}
                set={(sound) => change(changeOf(type, { sound }))}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function changeOf(type: NoteType, wanted: { readonly on?: boolean; readonly sound?: boolean }): PreferencesChange {
  return { types: { [type]: wanted } };
}

function Quiet({ preferences, change }: FormProps): ReactElement {
  const words = useWords(dictionary);
  const quiet = preferences.quiet_hours;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const set = (quiet_hours: NonNullable<PreferencesChange['quiet_hours']>): void => change({ quiet_hours });
  return (
    <fieldset className="stack preferences__quiet">
      <legend className="label">{words.quietHours}</legend>
      <label className="row preferences__line">
        <input
          type="checkbox"
          className="box"
          checked={quiet.on}
          onChange={({ target: { checked: on } }) => set(on ? { on, time_zone: here } : { on })}
        />
        {words.quietOn}
      </label>
      <div className="row preferences__times">
        <Time label={words.from} value={quiet.from} isDisabled={!quiet.on} set={(from) => set({ from })} />
        <Time label={words.to} value={quiet.to} isDisabled={!quiet.on} set={(to) => set({ to })} />
      </div>
      <p className="muted small">
        {words.inZone(quiet.on ? quiet.time_zone : here)}{' '}
        {isQuiet(quiet, Date.now()) ? words.quietNow : words.quietHelp}
      </p>
      {quiet.on && quiet.time_zone !== here && (
        <button type="button" className="button button--small" onClick={() => set({ time_zone: here })}>
          {words.takeZone(here)}
        </button>
      )}
    </fieldset>
  );
}

interface BoxProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly set: (on: boolean) => void;
}

function Box({ label, isOn, isDisabled = false, set }: BoxProps): ReactElement {
  return (
    <input
      type="checkbox"
      className="box"
      aria-label={label}
      checked={isOn}
      disabled={isDisabled}
      onChange={({ target }) => set(target.checked)}
    />
  );
}

interface TimeProps {
  readonly label: string;
  readonly value: string;
  readonly isDisabled: boolean;
  readonly set: (time: string) => void;
}

function Time({ label, value, isDisabled, set }: TimeProps): ReactElement {
  return (
    <label className="field">
      {label}
      <input
        className="input"
        type="time"
        value={value}
        disabled={isDisabled}
        onChange={({ target }) => target.value !== '' && set(target.value)}
      />
    </label>
  );
}
