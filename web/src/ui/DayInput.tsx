import '@mantine/dates/styles.layer.css';
import { DateInput, type DateInputProps, DatesProvider } from '@mantine/dates';
import { IconCalendar } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { readDate } from '../lib/dates';

interface Props extends Pick<DateInputProps, 'label' | 'description' | 'required' | 'error' | 'minDate' | 'clearable'> {
  /** yyyy-MM-dd, or null. */
  value: string | null;
  onChange: (day: string | null) => void;
}

/** A day, typed as dd/MM/yyyy (or 24112026, 24/11) or taken from the calendar. */
export function DayInput({ value, onChange, ...rest }: Props): ReactElement {
  const { i18n } = useTranslation();
  return (
    <DatesProvider settings={{ locale: i18n.language, firstDayOfWeek: 1 }}>
      <DateInput
        {...rest}
        valueFormat="DD/MM/YYYY"
        placeholder="dd/mm/yyyy"
        dateParser={(text) => readDate(text)}
        leftSection={<IconCalendar size={17} aria-hidden />}
        value={value}
        onChange={onChange}
      />
    </DatesProvider>
  );
}
