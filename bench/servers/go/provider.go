package main

import (
	"encoding/json"
	"net/http"
)

// A provider's token endpoint that takes any code and any refresh token, and gives new tokens for it.
func grant(w http.ResponseWriter, r *http.Request) {
	held := map[string]string{"authorization_code": "code", "refresh_token": "refresh_token"}[r.FormValue("grant_type")]
	if r.Method != http.MethodPost || held == "" || r.FormValue(held) == "" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"access_token": randomText(), "refresh_token": randomText(), "token_type": "Bearer", "expires_in": 3600,
	})
}
