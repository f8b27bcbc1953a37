import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';
import { cx } from '../lib/cx';
import styles from './ButtonLink.module.css';

interface Props extends ButtonProps, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | 'color'> {
  ref?: Ref<HTMLAnchorElement>;
}

/** A link that looks like a button: it leads to another page, so it stays a link for keyboards and readers. */
export const ButtonLink = createLink(({ ref, className, ...props }: Props) => (
  <Button component="a" {...(ref ? { ref } : {})} {...props} className={cx(styles['link'], className)} />
));
