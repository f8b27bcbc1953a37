import { useTranslation } from 'react-i18next';
import { dayOf, fromInstant } from './when';

export interface MeetingTime {
  /** "08:30 – 11:00" */
  range: (from: string, to: string) => string;
  /** "thứ Ba, 24/11/2026" */
  weekday: (instant: string) => string;
  /** "24/11" within the running year, else "24/11/2026" */
  short: (instant: string) => string;
  /** "24/11 09:12", or "hôm nay 09:12" */
  at: (instant: string) => string;
  time: (instant: string) => string;
}

/** Dates and times of meetings as offices write them, in Vietnam time. */
export function useMeetingTime(): MeetingTime {
  const { t } = useTranslation('meeting');
  const short = (instant: string) => shortDay(dayOf(instant), dayOf(new Date()));
  return {
    range: (from, to) => `${fromInstant(from).time} – ${fromInstant(to).time}`,
    weekday: (instant) => {
      const day = dayOf(instant);
      const [year, month, date] = day.split('-');
      return `${t(`weekday.${new Date(`${day}T00:00:00Z`).getUTCDay()}`)}, ${date}/${month}/${year}`;
    },
    short,
    at: (instant) => {
      const today = dayOf(instant) === dayOf(new Date());
      return `${today ? t('today') : short(instant)} ${fromInstant(instant).time}`;
    },
    time: (instant) => fromInstant(instant).time,
  };
}

function shortDay(day: string, today: string): string {
  const [year, month, date] = day.split('-');
  return today.startsWith(`${year}`) ? `${date}/${month}` : `${date}/${month}/${year}`;
}
