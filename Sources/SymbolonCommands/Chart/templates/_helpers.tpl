{{/* The names of everything; one release of the chart in a namespace needs no prefix. */}}
{{- define "symbolon.name" -}}
{{- if contains "symbolon" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-symbolon" (.Release.Name | trunc 41 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "symbolon.selector" -}}
app.kubernetes.io/name: symbolon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "symbolon.labels" -}}
{{ include "symbolon.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* symbolon.yaml: what the chart decides, over further settings. */}}
{{- define "symbolon.configuration" -}}
{{- $keyrings := dict "state" "/etc/symbolon/keys/state.keyring" }}
{{- if ne .Values.store.kind "none" }}
{{- $_ := set $keyrings "connections" "/etc/symbolon/keys/connections.keyring" }}
{{- end }}
{{- $own := dict
  "public_url" .Values.publicURL
  "listen" (dict "host" "0.0.0.0" "port" 8080)
  "keyrings" $keyrings
  "credentials" (dict "api_keys" "/etc/symbolon/credentials/api-keys.json")
  "workspaces" "/etc/symbolon/config/workspaces.yaml"
}}
{{- if eq .Values.store.kind "sqlite" }}{{- $_ := set $own "store" "sqlite:/var/lib/symbolon/symbolon.sqlite" }}{{- end }}
{{- if eq .Values.store.kind "none" }}{{- $_ := set $own "store" "none" }}{{- end }}
{{- if .Values.metrics.enabled }}
{{- $_ := set $own "metrics" (dict "listen" (dict "host" "0.0.0.0" "port" .Values.metrics.port)) }}
{{- end }}
{{- if .Values.integrations }}{{- $_ := set $own "integrations" .Values.integrations }}{{- end }}
{{- toYaml (mergeOverwrite (deepCopy .Values.settings) $own) }}
{{- end }}
