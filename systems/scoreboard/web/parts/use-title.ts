/** The title of the tab: the score first, so that a narrow tab still shows it. */
import { useEffect } from 'react';

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
