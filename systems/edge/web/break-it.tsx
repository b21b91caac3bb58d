/** For demos: breaks this page's own wire for real, so that everyone can watch it come through. */
import { createDictionary, useWords } from '@fanfare/react';
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { LineIcon } from './line-icon.tsx';
import type { WireFaults } from './wire-faults.ts';

const dictionary = createDictionary({
  en: {
    title: 'Break it',
    help: 'Real faults on this page’s own connection. It must come through, and you can watch it do so.',
    cut: 'Drop my connection',
    freeze: 'Freeze it for 10 s',
    frozen: (seconds: number) => `Frozen for ${seconds} s more`,
    freezeHelp:
      'So short a silence does not count as a lost connection: the badge stays. Events arrive late, and none is lost.',
    waiting: (events: number) => `Waiting on the wire: ${events}.`,
    late: (events: number) =>
      events === 1 ? '1 event arrived late, none is lost.' : `${events} events arrived late, none is lost.`,
    lateNone: 'Nothing happened meanwhile, so nothing arrived late.',
    block: 'Force polling',
    unblock: 'Let live through again',
    close: 'Close',
  },
  vi: {
    title: 'Thử làm hỏng',
    help: 'Lỗi thật trên chính kết nối của trang này. Trang phải tự vượt qua, và bạn xem được điều đó.',
    cut: 'Ngắt kết nối của tôi',
    freeze: 'Đóng băng 10 giây',
    frozen: (seconds: number) => `Còn đóng băng ${seconds} giây`,
    freezeHelp:
      'Im lặng ngắn như vậy chưa bị coi là mất kết nối: nhãn vẫn giữ nguyên. Sự kiện đến muộn, không mất cái nào.',
    waiting: (events: number) => `Đang chờ trên đường dây: ${events}.`,
    late: (events: number) => `${events} sự kiện đến muộn, không mất cái nào.`,
    lateNone: 'Trong lúc đó không có gì xảy ra nên không có gì đến muộn.',
    block: 'Buộc hỏi định kỳ',
    unblock: 'Cho kết nối trực tiếp trở lại',
    close: 'Đóng',
  },
});

const FREEZE_SECONDS = 10;

export interface BreakItProps {
  readonly wire: WireFaults;
  /** Tries again at once. */
  readonly reconnect: () => void;
  /** What to do elsewhere so that something waits while the wire is frozen: now, and the next time. */
  readonly hints: { readonly now: string; readonly next: string };
  /** @default false */
  readonly isOpenAtFirst?: boolean;
  /** Faults that only this page has, below the others. */
  readonly children?: ReactNode;
}

export function BreakIt({ wire, reconnect, hints, isOpenAtFirst = false, children }: BreakItProps): ReactElement {
  const words = useWords(dictionary);
  const [open, setOpen] = useState(isOpenAtFirst);
  const [blocked, setBlocked] = useState(false);
  const { seconds, note, freeze } = useFreeze(wire, words, hints);

  // Where it stands below the page, what opens is below the edge of the screen.
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open && !isOpenAtFirst) drawer.current?.scrollIntoView({ block: 'nearest' });
  }, [open, isOpenAtFirst]);

  // Leaving the page mends what it broke.
  useEffect(() => () => wire.block(false), [wire]);

  const block = (next: boolean): void => {
    setBlocked(next);
    wire.block(next);
    if (!next) reconnect();
  };

  return (
    <aside className="break-it" ref={drawer} aria-label={words.title}>
      {open ? (
        <div className="card break-it__panel">
          <p className="muted small">{words.help}</p>
          <button type="button" className="button" onClick={() => wire.cut()}>
            <LineIcon path={ICONS.cut} />
            {words.cut}
          </button>
          <button type="button" className="button" onClick={freeze} disabled={seconds > 0}>
            <LineIcon path={ICONS.pause} />
            {seconds > 0 ? words.frozen(seconds) : words.freeze}
          </button>
          <p className="muted small break-it__note" role="status">
            {note}
          </p>
          <button type="button" className="button" onClick={() => block(!blocked)} aria-pressed={blocked}>
            <LineIcon path={blocked ? ICONS.play : ICONS.undo} />
            {blocked ? words.unblock : words.block}
          </button>
          {children}
        </div>
      ) : null}
      <button
        type="button"
        className="button button--small"
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        aria-label={open ? words.close : words.title}
      >
        <LineIcon path={open ? ICONS.close : ICONS.flask} size={18} />
        <span className="break-it__word">{open ? words.close : words.title}</span>
      </button>
    </aside>
  );
}

interface Freeze {
  /** Left until the thaw; 0: not frozen. */
  readonly seconds: number;
  /** What a freeze means, how much waits meanwhile, and what came of it. */
  readonly note: string;
  readonly freeze: () => void;
}

function useFreeze(wire: WireFaults, words: (typeof dictionary)['en'], hints: BreakItProps['hints']): Freeze {
  const [seconds, setSeconds] = useState(0);
  const [late, setLate] = useState<number>();

  useEffect(() => {
    if (seconds === 0) return;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  const freeze = (): void => {
    wire.freeze(FREEZE_SECONDS * 1000, setLate);
    setLate(0);
    setSeconds(FREEZE_SECONDS);
  };
  if (late === undefined) return { seconds, note: words.freezeHelp, freeze };
  if (seconds > 0) return { seconds, note: `${words.waiting(late)} ${hints.now}`, freeze };
  return { seconds, note: late === 0 ? `${words.lateNone} ${hints.next}` : words.late(late), freeze };
}

const ICONS = {
  cut: 'M6 6l12 12M18 6 6 18',
  close: 'M6 6l12 12M18 6 6 18',
  pause: 'M8.5 5v14M15.5 5v14',
  play: 'M7.5 4.5v15l11.5-7.5z',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4',
  flask: 'M9.500 3h5M10.500 3v6L5 19.500h14L13.500 9V3M8 14.500h8',
} as const;
