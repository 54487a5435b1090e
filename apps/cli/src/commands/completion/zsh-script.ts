import {
  quoted,
  type CompletedCommand,
  type CompletedOption,
  type CompletedProgram,
  type Value,
} from './completed-words.ts';

/** Uses `_arguments`. The script can be sourced, or saved as `_walq` in `$fpath`. */
export const zshScript = ({ options, commands }: CompletedProgram): string => `\
#compdef walq
# Completion of walq for zsh: source <(walq completion zsh)

_walq_sources() {
  local config=\${opt_args[--config]:-$walq_config}
  local -a sources=(\${(f)"$(walq complete-sources \${config:+--config} \${config:+"\${(Q)config}"} 2>/dev/null)"})
  _describe source sources
}

_walq() {
  local context state state_descr line walq_config found=1
  local -A opt_args
  _arguments -C \\
${specs(options)}    '1:command:->command' '*::argument:->rest' && found=0
  walq_config=$opt_args[--config]
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, about }) => `        ${quoted(`${name}:${about}`)}`).join('\n')}
      )
      _describe command commands && found=0
      ;;
    rest)
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac
      ;;
  esac
  return found
}

if [ "$funcstack[1]" = _walq ]; then _walq "$@"; else compdef _walq walq; fi`;

const caseOf = ({ name, options, values }: CompletedCommand): string => `\
        ${name})
          _arguments \\
${specs(options)}${values.map((value, at) => `    ${quoted(`${at + 1}:${value.kind === 'words' ? 'word' : value.kind}:${actionOf(value)}`)} \\\n`).join('')}    && found=0
          ;;`;

const specs = (options: readonly CompletedOption[]): string =>
  options.map((option) => `    ${specOf(option)} \\\n`).join('');

function specOf({ short, long, about, value }: CompletedOption): string {
  const text = `[${about.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]`;
  if (value !== undefined) return quoted(`${long}=${text}:${value.kind}:${actionOf(value)}`);
  if (short === undefined) return quoted(`${long}${text}`);
  return `'(${short} ${long})'{${short},${long}}${quoted(text)}`;
}

function actionOf(value: Value): string {
  if (value.kind === 'words') return `(${value.words.join(' ')})`;
  return { source: '_walq_sources', file: '_files', directory: '_files -/', other: ' ' }[
    value.kind
  ];
}
