#!/usr/bin/env bash
# What users of the official postgres image rely on: the POSTGRES_* variables and their _FILE forms,
# PGDATA, the scripts in /docker-entrypoint-initdb.d, options for the server or any other command.
set -Eeuo pipefail

main() {
  if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
  if [[ ${1:-} != postgres ]] || only_asks "$@"; then exec "$@"; fi

  install -d -m 700 "$PGDATA" 2>/dev/null || true # the folder of another user, who is named below
  if [[ $(id -u) == 0 ]]; then
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    exec gosu postgres "${BASH_SOURCE[0]}" "$@"
  fi

  if [[ -s $PGDATA/PG_VERSION ]]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    settings
    initialise "$@"
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
  fi
  exec "$@"
}

# Whether the server would only print something and end.
only_asks() {
  local word
  for word in "$@"; do
    case $word in -'?' | --help | --describe-config | -V | --version | -C) return 0 ;; esac
  done
  return 1
}

settings() {
  value POSTGRES_PASSWORD ""
  value POSTGRES_USER postgres
  value POSTGRES_DB "$POSTGRES_USER"
  value POSTGRES_INITDB_ARGS ""
  POSTGRES_HOST_AUTH_METHOD=${POSTGRES_HOST_AUTH_METHOD:-}
  if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
    echo >&2 "Error: Database is uninitialized and superuser password is not specified."
    echo >&2 "       Set POSTGRES_PASSWORD to a word that is not empty, or, where everybody may"
    echo >&2 "       connect without one, POSTGRES_HOST_AUTH_METHOD=trust."
    exit 1
  fi
}

# NAME DEFAULT: the variable NAME is set from itself, from the file that NAME_FILE names, or DEFAULT.
value() {
  local file=${1}_FILE
  if [[ -n ${!1:-} && -n ${!file:-} ]]; then
    echo >&2 "error: both $1 and $file are set (but are exclusive)"
    exit 1
  fi
  if [[ -n ${!file:-} ]]; then
    export "$1=$(<"${!file}")"
  else
    export "$1=${!1:-$2}"
  fi
  unset "$file"
}

initialise() {
  local options
  eval "options=($POSTGRES_INITDB_ARGS)" # quoted as for a shell
  # These programs look for the socket in /tmp, everybody else where Debian has it.
  options=(--set "unix_socket_directories=/var/run/postgresql, /tmp" "${options[@]}")
  if [[ -n ${POSTGRES_INITDB_WALDIR:-} ]]; then options+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  if [[ -n $POSTGRES_PASSWORD ]]; then
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${options[@]}"
  else
    initdb --username="$POSTGRES_USER" "${options[@]}"
  fi

  printf '\nhost all all all %s\n' \
    "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "${@:2}")}" >>"$PGDATA/pg_hba.conf"

  # Nobody else is let in before all is made: this first server has its socket only.
  local server
  server=$(printf '%q ' "${@:2}" -c "listen_addresses=" -p "${PGPORT:-5432}")
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "$server" -w start
  if [[ $POSTGRES_DB != postgres ]]; then
    docker_process_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
  scripts
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
}

# The name by which scripts of users know it.
docker_process_sql() {
  local words=(-v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER")
  if [[ -n ${POSTGRES_DB:-} ]]; then words+=(--dbname "$POSTGRES_DB"); fi
  PGHOST='' PGHOSTADDR='' psql "${words[@]}" "$@"
}

run_or_source() {
  if [[ -x $1 ]]; then
    echo "running $1"
    "$1"
  else
    echo "sourcing $1"
    # shellcheck disable=SC1090 # the user's own
    . "$1"
  fi
}

scripts() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) run_or_source "$file" ;;
      *.sql) echo "running $file"; docker_process_sql -f "$file" ;;
      *.sql.gz) echo "running $file"; gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) echo "running $file"; xzcat "$file" | docker_process_sql ;;
      *.sql.zst) echo "running $file"; zstd -dc "$file" | docker_process_sql ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) echo "ignoring $file" ;;
    esac
  done
}

main "$@"
