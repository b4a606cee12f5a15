type Rules = { createHTML: (text: string) => string | null };
type Factory = { createPolicy: (name: string, rules: Rules) => unknown };

/**
 * No text becomes markup, whoever wrote it: the server's policy asks for trusted types, and this only policy trusts
 * nothing but the empty text, with which ECharts clears the place that it draws into (W3C Trusted Types, "default
 * policy").
 */
export function refuseMarkup(): void {
  const { trustedTypes } = window as { trustedTypes?: Factory };
  trustedTypes?.createPolicy('default', { createHTML: (text) => (text === '' ? '' : null) });
}
