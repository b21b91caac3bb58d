/** What a toast looks like: what it is about, what to do, and the way to dismiss it. */
import type { MouseEvent, ReactElement } from 'react';
import { createDictionary, useWords } from './dictionary.ts';
import { passFocusOn } from './toast-focus.ts';
import type { ToastMessage, ToastTone } from './toast-message.ts';

export interface ToastCardProps {
  readonly id: string;
  readonly message: ToastMessage;
  readonly dismiss: () => void;
}

export function ToastCard({ id, message, dismiss }: ToastCardProps): ReactElement {
  const words = useWords(dictionary);
  const { title, text, tone = 'plain', action } = message;
  const leave = (event: MouseEvent<HTMLElement>): void => {
    passFocusOn(event.currentTarget);
    dismiss();
  };
  return (
    <div className="toast" data-tone={tone} data-toast={id}>
      <svg className="toast__icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
          d={ICONS[tone]}
        />
      </svg>
      <div className="toast__body">
        <p className="toast__title">
          <span className="visually-hidden">{words[tone]}</span>
          {title}
        </p>
        {text !== undefined && <p className="toast__text">{text}</p>}
      </div>
      {action !== undefined && (
        <button
          type="button"
          className="button button--small"
          onClick={(event) => {
            action.run();
            leave(event);
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="toast__close" aria-label={words.dismiss} title={words.dismiss} onClick={leave}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          <path fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" d="M4 4l8 8M12 4l-8 8" />
        </svg>
      </button>
    </div>
  );
}

/** A bubble, a tick, a triangle, a circle: told apart without their colour. */
const ICONS: Readonly<Record<ToastTone, string>> = {
  plain: 'M4 5h16v11H11l-5 4v-4H4z',
  good: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.500l2.7 2.700L16 9.5',
  warning: 'M12 4L2.5 20h19zM12 10v4.500M12 17.200v.1',
  bad: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.500v5.500M12 16.200v.1',
};

const dictionary = createDictionary({
  en: { dismiss: 'Dismiss', plain: '', good: 'Done: ', warning: 'Attention: ', bad: 'Failed: ' },
  vi: { dismiss: 'Đóng', plain: '', good: 'Xong: ', warning: 'Chú ý: ', bad: 'Lỗi: ' },
});
