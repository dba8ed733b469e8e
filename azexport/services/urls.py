"""Addresses of the registry, of regulations and of their drafts."""

from django.urls import path

from azexport.services.views import calculators, discussions, draft_text, drafts, editor, registry, regulations

_EDIT = "drafts/<str:reference>/edit/"

urlpatterns = [
    # writing a regulation
    path(_EDIT, editor.editor, name="editor"),
    path(f"{_EDIT}yaml/", draft_text.yaml, name="editor_yaml"),
    path(f"{_EDIT}yaml/check/", draft_text.yaml_check, name="editor_yaml_check"),
    path(f"{_EDIT}yaml/file/", draft_text.yaml_file, name="editor_yaml_file"),
    path(f"{_EDIT}differences/", draft_text.changes, name="editor_differences"),
    path(f"{_EDIT}form/", draft_text.try_form, name="editor_trial"),
    path(f"{_EDIT}<str:key>/", editor.part, name="editor_part"),
    path(f"{_EDIT}<str:key>/preview/", editor.part_preview, name="editor_part_preview"),
    path(f"{_EDIT}<str:key>/fields/", editor.part_fields, name="editor_part_fields"),
    path(f"{_EDIT}<str:key>/undo/", editor.item_undo, name="editor_undo"),
    path(f"{_EDIT}<str:key>/new/", editor.item, name="editor_new"),
    path(f"{_EDIT}<str:key>/new/preview/", editor.item_preview, name="editor_new_preview"),
    path(f"{_EDIT}<str:key>/new/fields/", editor.item_fields, name="editor_new_fields"),
    path(f"{_EDIT}<str:key>/<int:number>/", editor.item, name="editor_item"),
    path(f"{_EDIT}<str:key>/<int:number>/preview/", editor.item_preview, name="editor_item_preview"),
    path(f"{_EDIT}<str:key>/<int:number>/fields/", editor.item_fields, name="editor_item_fields"),
    path(f"{_EDIT}<str:key>/<int:number>/move/", editor.item_move, name="editor_move"),
    # the registry
    path("services/", registry.catalogue, name="registry"),
    path("services/bodies/", registry.bodies, name="registry_bodies"),
    path("services/pending/", registry.pending, name="registry_pending"),
    path("services/services.json", registry.download_json, name="registry_json"),
    path("services/services.csv", registry.download_csv, name="registry_csv"),
    path("services/<str:number>/", registry.service, name="registry_service"),
    path("services/<str:number>/history/", registry.history, name="registry_history"),
    # drafts: the body's officers
    path("drafts/", drafts.draft_list, name="drafts"),
    path("drafts/new/", drafts.draft_new, name="draft_new"),
    path("drafts/new/<str:way>/", drafts.draft_begin, name="draft_begin"),
    path("drafts/<str:reference>/", drafts.draft_page, name="draft"),
    path("drafts/<str:reference>/text/", drafts.draft_text, name="draft_text"),
    path("drafts/<str:reference>/publish/", drafts.draft_publish, name="draft_publish"),
    path("drafts/<str:reference>/end-discussion/", drafts.draft_end_discussion, name="draft_end_discussion"),
    path("drafts/<str:reference>/comments/", discussions.draft_comments, name="draft_comments"),
    path("drafts/<str:reference>/comments/<int:number>/answer/", discussions.comment_answer, name="comment_answer"),
    path("drafts/<str:reference>/comments/<int:number>/hide/", discussions.comment_hide, name="comment_hide"),
    path("drafts/<str:reference>/performers/", drafts.draft_performers, name="draft_performers"),
    path("drafts/<str:reference>/agreement/", drafts.draft_agreement, name="draft_agreement"),
    path("drafts/<str:reference>/head/", drafts.draft_head, name="draft_head"),
    path("drafts/<str:reference>/sign/", drafts.draft_sign, name="draft_sign"),
    path("drafts/<str:reference>/send-back/", drafts.draft_send_back, name="draft_send_back"),
    path("drafts/<str:reference>/reopen/", drafts.draft_reopen, name="draft_reopen"),
    path("drafts/<str:reference>/withdraw/", drafts.draft_withdraw, name="draft_withdraw"),
    # drafts: everybody (no service is ever called "discussions" or "approved")
    path("regulations/discussions/", discussions.discussion_list, name="discussions"),
    path("regulations/discussions/<str:reference>/", discussions.discussion, name="discussion"),
    path("regulations/discussions/<str:reference>/<int:number>/", discussions.discussion_text, name="discussion_text"),
    path("regulations/discussions/<str:reference>/changes/", discussions.discussion_changes, name="discussion_changes"),
    path("regulations/discussions/<str:reference>/comment/", discussions.discussion_comment, name="discussion_comment"),
    path("regulations/approved/<str:reference>/", discussions.approved_text, name="approved_text"),
    path("regulations/approved/<str:reference>/regulation.pdf", discussions.approved_pdf, name="approved_pdf"),
    # regulations and what runs from them without signing in
    path("regulations/", regulations.index, name="regulations"),
    *[
        entry
        for prefix in ("regulations/<slug:service>/", "regulations/<slug:service>/<str:label>/")
        for entry in (
            path(f"{prefix}regulation.pdf", regulations.pdf, name="regulation_pdf"),
            path(f"{prefix}regulation.yaml", regulations.source, name="regulation_yaml"),
            path(f"{prefix}schema.json", regulations.schema, name="regulation_schema"),
            path(f"{prefix}diagram.svg", regulations.route, name="regulation_diagram"),
            path(prefix, regulations.show, name="regulation"),
        )
    ],
    path("information/<slug:service>/", regulations.information, name="information"),
    path("calculators/<slug:service>/", calculators.calculator, name="calculator"),
]
