import { Button, Menu } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import styles from './Bars.module.css';

interface Props {
  label: string;
  value: string | null;
  options: readonly { value: string; label: string }[];
  /** Text of the choice that removes the filter. */
  all: string;
  onChange: (value: string | null) => void;
}

/** One filter of a list: its name, or the chosen value on a soft ground. */
export function FilterChip({ label, value, options, all, onChange }: Props): ReactElement {
  const chosen = options.find((o) => o.value === value);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          className={chosen ? styles['chosen'] : ''}
          rightSection={<IconChevronDown size={15} />}
          aria-label={chosen ? `${label}: ${chosen.label}` : label}
        >
          {chosen?.label ?? label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles['options'] ?? ''}>
        <Menu.Item onClick={() => onChange(null)} leftSection={<Mark on={!chosen} />}>
          {all}
        </Menu.Item>
        {options.map((o) => (
          <Menu.Item key={o.value} onClick={() => onChange(o.value)} leftSection={<Mark on={o.value === value} />}>
            {o.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Mark({ on }: { on: boolean }): ReactElement {
  return on ? <IconCheck size={16} aria-hidden="true" /> : <span className={styles['noMark']} />;
}
