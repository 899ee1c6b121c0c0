# shellcheck shell=bash
# Completion of upsun-integrations, upsun-load and upsun-sandbox. What there is to complete is read from their --help.

# Prints what stands behind an option in the help: nothing when it takes no value.
_upsun_value_of() {
  [[ $1 =~ ^--?[a-z-]+$ ]] && sed -nE "s/^  (-[^ ]*,)?$1(,[^ ]*)? ([A-Z][^ ]*).*/\3/p" <<<"$help" | head -n 1
}

_upsun() {
  local program=$1 current=${COMP_WORDS[COMP_CWORD]} words=() each command='' option='' arguments=0 word before prefix='' value='' offered='' help commands
  COMPREPLY=()
  help=$("$program" --help 2>/dev/null) || return 0
  commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' <<<"$help")

  # Bash also splits words at the = and : in them, by COMP_WORDBREAKS, and replaces only what stands behind.
  for each in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ ${#words[@]} -gt 0 && ($each == [=:]* || ${words[-1]} == *[=:]) ]]; then
      words[-1]+=$each
    else
      words+=("$each")
    fi
  done
  [[ $current != [=:]* ]] || current=''
  word=${words[-1]}
  before=${word%"$current"}

  for each in "${words[@]:0:${#words[@]}-1}"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ $each == -* ]]; then
      [[ -z $(_upsun_value_of "$each") ]] || option=$each
    elif [[ -n $command ]]; then
      arguments=$((arguments + 1))
    elif grep -qxF -e "$each" <<<"$commands"; then
      command=$each
      help+=$'\n'$("$program" "$command" --help 2>/dev/null)
    fi
  done

  if [[ -z $option && $word =~ ^(--[a-z-]+)= ]]; then
    option=${BASH_REMATCH[1]} prefix=${BASH_REMATCH[0]} word=${word#*=}
  fi
  if [[ -n $option ]]; then
    value=$(_upsun_value_of "$option")
  elif [[ ($command == create || $command == kinds) && $arguments -eq 0 && $word != -* ]]; then
    value=KIND
  fi
  case $value in
    FILE)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    KIND) offered=$("$program" kinds 2>/dev/null) ;;
    ?*) ;;
    *)
      if [[ -n $prefix ]]; then
        return 0
      elif [[ $word == -* ]]; then
        offered=$(sed -nE 's/^  (-[^ ]+).*/\1/p' <<<"$help" | tr , '\n' | sed 's/[^a-z-].*//')
      elif [[ -z $command ]]; then
        offered=$commands
      fi
      ;;
  esac
  [[ -z $offered ]] || mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
  COMPREPLY=("${COMPREPLY[@]/#/"$prefix"}")
  COMPREPLY=("${COMPREPLY[@]#"$before"}")
}

complete -F _upsun upsun-integrations upsun-load upsun-sandbox
