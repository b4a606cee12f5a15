/** A time of the address, UTC, as the browser's own control for times takes it: in the reader's zone, with no zone. */
export function toLocal(time: string): string {
  const moment = new Date(time);
  if (time === '' || Number.isNaN(moment.getTime())) return '';
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The other way round; empty for what is no time. */
export function fromLocal(local: string): string {
  const moment = new Date(local);
  return local === '' || Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}
