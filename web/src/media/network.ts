/** Calls back whenever the browser says that the network is another one; returns how to end that. */
export type NetworkChanges = (changed: () => void) => () => void;

/** What browsers tell: being online again everywhere, another kind of network in some. */
export const networkChanges: NetworkChanges = (changed) => {
  const { connection } = navigator as { connection?: EventTarget };
  window.addEventListener('online', changed);
  connection?.addEventListener('change', changed);
  return () => {
    window.removeEventListener('online', changed);
    connection?.removeEventListener('change', changed);
  };
};
