package main

import (
	"encoding/json"
	"net/http"
)

// A provider's token endpoint that takes any code, and gives new tokens for it.
func grant(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.FormValue("grant_type") != "authorization_code" || r.FormValue("code") == "" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"access_token": randomText(), "refresh_token": randomText(), "token_type": "Bearer", "expires_in": 3600,
	})
}
